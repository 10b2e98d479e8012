"""The report for people: read from the log of stays, told, linked to and drawn."""
