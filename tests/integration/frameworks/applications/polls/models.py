"""Questions and their choices."""

from __future__ import annotations

from django.db import models
from django_mongodb_backend.fields import ArrayField, EmbeddedModelField
from django_mongodb_backend.managers import MongoManager
from django_mongodb_backend.models import EmbeddedModel


class Place(EmbeddedModel):
    city = models.CharField(max_length=50)


class Question(models.Model):
    text = models.CharField(max_length=200, unique=True)
    published = models.DateTimeField(db_index=True)
    tags = ArrayField(models.CharField(max_length=20), default=list)
    place = EmbeddedModelField(Place, null=True)
    fee = models.DecimalField(max_digits=8, decimal_places=2, default=0)
    extra = models.JSONField(default=dict)
    objects = MongoManager()


class Choice(models.Model):
    question = models.ForeignKey(Question, on_delete=models.CASCADE)
    text = models.CharField(max_length=200)
    votes = models.IntegerField(default=0)
