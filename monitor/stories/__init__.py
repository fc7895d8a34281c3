"""Which article an item is, and which story an article joins. Pure: decides with reasons, stores nothing."""
