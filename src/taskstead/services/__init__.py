"""Use cases. A function that writes is one transaction and one batch in the change log.

Terms: A batch is the set of changes that one transaction makes to a workspace. The change log of
the workspace records it (``changelog.py``). A function ``…_in_batch`` writes in the batch of its
caller. The principal is the user that a request or job acts for, with the workspace and role
(``domain/principal.py``). Labels are categories and tags.
"""
