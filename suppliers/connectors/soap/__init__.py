"""Suppliers with a SOAP service, described by its WSDL and by what an administrator declares."""
