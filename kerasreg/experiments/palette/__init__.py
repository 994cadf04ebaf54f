"""Whose colours does an autoencoder of one picture give to others?"""
