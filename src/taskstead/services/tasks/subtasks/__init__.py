"""What happens to the open sub-tasks of tasks that are completed, moved or trashed."""
