"""Whether the project's own tests notice a change of what judges; `python -m mutants` makes the changes one by one."""
