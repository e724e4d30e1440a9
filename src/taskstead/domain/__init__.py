"""Pure rules without I/O: due dates, time ranges, manual order, search queries, names.

The modules import nothing but the standard library, a parser of e-mail addresses and the errors, so
they can be tested with plain values. The field types that apply these rules are in ``schemas/``.
"""
