"""Purchase orders that Valerdat proposes: what changed since a day, order by order. docs/sources/valerdat.md."""
