"""What protects people whatever a model says? Deterministic rules from dated policy packs; nothing here calls a model."""
