"""Language-model back ends behind one protocol; ``registry.open_model`` is the way in."""
