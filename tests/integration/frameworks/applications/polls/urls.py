"""The one page there is."""

from __future__ import annotations

from django.db.models import F
from django.http import HttpRequest, JsonResponse
from django.urls import path

from polls.models import Choice


def vote(request: HttpRequest, text: str) -> JsonResponse:
    choices = Choice.objects.filter(text=text)
    return JsonResponse({"changed": choices.update(votes=F("votes") + 1), "votes": choices.get().votes})


urlpatterns = [path("vote/<text>", vote)]
