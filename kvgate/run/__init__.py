"""A run: which checks on which cases, the exchanges they are judged by, and what the exit status claims.

This room does not know pytest; the plugin drives it.
"""
