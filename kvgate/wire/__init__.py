"""HTTP as bytes: sends a request, keeps what came back exactly as it came.

Everything that knows the HTTP client lives here. This room does not know what a right answer is.
"""
