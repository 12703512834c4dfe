"""The stability contract: what an upgrade must neither replace nor take away."""
