"""The rules engine of AWS IoT: SQL over messages, and what a rule does with what it selects."""
