"""How programs of others use the components: from any Pulumi language by a plugin, from Python by a wheel."""
