"""What the worker process imports: parsers of hostile bytes, and nothing of the rest of Rasid.

Everything here takes bytes and gives an `Item` or a SourceError with a plain reason. The process around it
is limited and may be killed at any moment; see `sources/parser.py` for its keeper.
"""
