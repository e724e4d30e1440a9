"""Use cases. A write to the content of a workspace is one transaction and one batch of its log.

Only long operations, such as emptying the trash and jobs, write several batches.

Terms: A batch is the set of changes that one transaction makes to a workspace. The change log of
the workspace records it (``changelog.py``). A function ``…_in_batch`` writes in the batch of its
caller. The principal is the user that a request or job acts for, with the workspace and role
(``domain/principal.py``). Labels are categories and tags.
"""
