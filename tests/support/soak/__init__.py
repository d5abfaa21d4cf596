"""All programs together under a mixed load while parts of them are killed: `make soak`, and tests/test_soak.py.

Nobody may see an error beyond a 503 that asks to come back, nothing may be lost or done twice, and no process may grow.
"""
