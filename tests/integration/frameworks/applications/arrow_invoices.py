"""The quick start of PyMongoArrow: what is found and written as Arrow tables and NumPy arrays."""

from __future__ import annotations

from datetime import datetime

import pyarrow as pa
from bson import Decimal128, ObjectId
from pymongo import MongoClient
from pymongoarrow.api import Schema, aggregate_arrow_all, find_arrow_all, find_numpy_all, write
from pymongoarrow.monkey import patch_all
from stage import DATABASE, URI, say, say_driver

patch_all()
schema = Schema(
    {"_id": int, "amount": float, "last_updated": datetime, "account": {"name": str, "number": int}}
)
with MongoClient(URI) as client:
    data = client[DATABASE].data
    people = [("Jane", 21.0, 1), ("Ann", 16.0, 2), ("Bo", 3.0, 3), ("Cy", None, 4)]
    data.insert_many(
        {
            "_id": n,
            "amount": a,
            "last_updated": datetime(2024, 5, n),
            "account": {"name": name, "number": n},
            "txns": ["A"] * n,
        }
        for name, a, n in people
    )
    table = data.find_arrow_all({"amount": {"$gt": 0}}, schema=schema)
    say("table", [str(table.schema), table.to_pylist()])
    say("lists", find_arrow_all(data, {}, schema=Schema({"txns": pa.list_(pa.string())})).to_pylist())
    say("auto", data.find_arrow_all({}, sort=[("_id", -1)], projection={"last_updated": 0}).to_pylist())
    arrays = find_numpy_all(data, {"amount": {"$gt": 0}}, schema=Schema({"_id": int, "amount": float}))
    say("arrays", {name: array.tolist() for name, array in arrays.items()})
    pipeline = [{"$group": {"_id": None, "total": {"$sum": "$amount"}}}, {"$project": {"_id": 0}}]
    say("total", aggregate_arrow_all(data, pipeline, schema=Schema({"total": float})).to_pylist())
    result = write(client[DATABASE].copy, table)
    say("write", [result.raw_result["insertedCount"], list(client[DATABASE].copy.find(sort=[("_id", 1)]))])
    client[DATABASE].types.insert_one(
        {"_id": ObjectId(b"123456789012"), "price": Decimal128("1.5"), "flag": True}
    )
    types = client[DATABASE].types.find_arrow_all(
        {}, schema=Schema({"_id": ObjectId, "price": Decimal128, "flag": bool})
    )
    say("types", [str(types.schema), types.to_pylist()])
    write(client[DATABASE].types_copy, types)
    say("types copied", list(client[DATABASE].types_copy.find()))
    client.drop_database(DATABASE)
say_driver()
