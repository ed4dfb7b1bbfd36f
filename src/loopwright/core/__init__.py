"""The values that flow between the stages: frozen, hashable, with no logic beyond their invariants."""
