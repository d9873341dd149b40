"""Stock of SAP S/4HANA: API_MATERIAL_STOCK_SRV, OData v2. docs/sources/sap.md."""
