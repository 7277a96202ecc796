"""Small conforming servers of both interfaces, written from the two specifications alone.

They know nothing of the suites, and the suites nothing of them. Each server is a class whose steps are methods, so that
a deliberate fault or a permitted variation is a subclass with one step changed.
"""
