"""Who may do what: AWS IoT policies, their evaluation, and the registry of things they speak of."""
