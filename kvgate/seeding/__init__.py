"""Puts a case's state on real servers, reads it back, and takes it away again.

This room knows the storage APIs of the systems under test; it does not know what a right answer is.
"""
