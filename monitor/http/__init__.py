"""HTTP for the doors: one guarded session with one deadline, shared by sources and channels.

Nothing here knows feeds, channels or the store; every failure is an `errors.HttpError` whose text holds no secret.
"""
