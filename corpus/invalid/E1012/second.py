from first import LIMIT

OTHER = 1
