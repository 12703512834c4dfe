"""Commands around the components: deploy, render, review, and the provider for other languages."""
