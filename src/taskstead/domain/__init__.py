"""Pure rules without I/O: due dates, time ranges, manual order, search queries, names.

The modules import nothing but the standard library and the errors, so they can be tested with plain
values.
"""
