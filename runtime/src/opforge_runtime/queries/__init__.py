"""What people ask about runs. Nothing is changed; what is shown of a run is read from its events, verified.

Lists are the exception: they show what the store keeps beside the events, so that they cost the same
whatever the runs hold.
"""
