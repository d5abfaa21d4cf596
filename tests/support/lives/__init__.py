"""A cohort's life as a small model that shares no code with the product, and the state machine that compares both."""
