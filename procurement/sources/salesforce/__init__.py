"""Customer orders of Salesforce: Order and OrderItem over the REST API. docs/sources/salesforce.md."""
