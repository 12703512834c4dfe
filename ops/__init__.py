"""What people and CI run around the components: commands, rendering, review, and the provider for other languages."""
