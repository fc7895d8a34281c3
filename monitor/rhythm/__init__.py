"""How often a source is polled: what its polls came to, when the next one is due, whom to leave alone, what is wrong.

Pure: takes states, times and numbers, returns states, plans, pauses and troubles with their reasons.
"""
