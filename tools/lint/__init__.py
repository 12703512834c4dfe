"""Static checks: style, types, layers, documents, workflows, and every rendered stack."""
