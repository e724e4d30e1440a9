"""Pure rules without I/O: due dates, time ranges, manual order, search queries, names."""
