# What tests with boto3 share: listings as lists, and errors as pairs.
import pytest
from botocore.exceptions import ClientError

ACCOUNT = "arn:aws:backup-gateway:us-east-1:123456789012"


def pages(client, size=None, **parameters):
    config = {} if size is None else {"PageSize": size}
    paginator = client.get_paginator("list_virtual_machines")
    return [page["VirtualMachines"] for page in paginator.paginate(PaginationConfig=config, **parameters)]


def everything(pages):
    return [item for page in pages for item in page]


def error_of(call):
    """Code and message of the service's error."""
    with pytest.raises(ClientError) as caught:
        call()
    response = caught.value.response
    assert response["ResponseMetadata"]["RequestId"]
    return response["Error"]["Code"], response["Error"]["Message"]
