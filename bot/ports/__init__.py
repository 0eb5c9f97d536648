"""What the services need of the outside: small protocols, declared by who needs them."""
