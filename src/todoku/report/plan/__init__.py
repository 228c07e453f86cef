"""A plan as people and tools take it: on a terminal, as a runbook, a request to whoever keeps the DNS, a zone, or code.

One renderer a file, each with ``render(plan, manner)``. What a form cannot express is said in it, never left out.
"""
