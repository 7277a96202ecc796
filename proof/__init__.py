"""The proof of the gate: deliberate faults it must catch, freedoms it must grant. `python -m proof` runs it."""
