"""What a cluster consists of in the words of Cluster API and of each cloud's provider. Pure: objects in, objects out."""
