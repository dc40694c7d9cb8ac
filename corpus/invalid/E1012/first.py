from second import OTHER

LIMIT = OTHER
