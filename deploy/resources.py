"""What the stack has besides Chalice's: merged into the packaged template by `deploy.package`.

The stack is called `ev-concierge-STAGE`; table and queue are named after it, so that
policy, settings and command line can name them before they exist.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from chalicelib.stores.dynamodb import SCHEMA, TIME_TO_LIVE

Json = dict[str, Any]

NAME: Json = {"Ref": "AWS::StackName"}
FUNCTIONS = ("APIHandler", "Deliver", "Tick")  # as Chalice calls them in the template
SILENT = '"no listener is at work"'  # what the tick logs then (office.Endpoints)
# A changed variable starts the functions afresh
AFRESH: Json = {"Environment": {"Variables": {"DEPLOYED_AT": {"Ref": "DeployedAt"}}}}
LISTENERS = (  # parameters that the functions don't need
    "chargepoint-api-key", "chargepoint-api-password", "chargepoint-api-version",
    "chargepoint-url", "chargepoint-xmpp",
)  # fmt: skip
# A delivery begins when something to say appears. Claims, receipts and looks leave the mark
# as it is; what is added meanwhile is found by the deliverer at work, or by the alarm clock.
BEGINS = [
    {"eventName": ["INSERT"], "dynamodb": {"NewImage": {"pending": {"BOOL": [True]}}}},
    {
        "dynamodb": {
            "NewImage": {"pending": {"BOOL": [True]}},
            "OldImage": {"pending": {"BOOL": [False]}},
        }
    },
]


def template(stage: str, settings: Mapping[str, str]) -> Json:
    """What is merged in: dictionaries key by key, anything else in the place of Chalice's."""
    return {
        "Description": "EV Concierge keeps the line for too few chargers.",
        "Parameters": {
            "AlarmEmail": {
                "Type": "String",
                "Default": "",
                "Description": "Who hears of alarms; AWS asks them to confirm.",
            },
            "DeployedAt": {
                "Type": "String",
                "Default": "once",
                "Description": "A new value lets the functions fetch their secrets anew.",
            },
        },
        "Conditions": {"HasAlarmEmail": {"Fn::Not": [{"Fn::Equals": [{"Ref": "AlarmEmail"}, ""]}]}},
        "Resources": {
            "Table": table(),
            "DeadLetters": dead_letters(),
            "RestAPI": {"Properties": {"MethodSettings": [throttle()]}},
            **{name: {"Properties": AFRESH} for name in FUNCTIONS},
            "Deliver": {
                "Properties": {**AFRESH, "Events": {"DeliverDynamodbEventSource": stream()}}
            },
            "Listener": listener(stage, settings),
            "AlarmTopic": topic(),
            "AlarmMail": mail(),
            "ListenerSilentFilter": silent_filter(),
            # Chalice 1.34 spells its own function's name wrongly here
            "ApiHandlerLogGroup": {
                "Properties": {"LogGroupName": {"Fn::Sub": "/aws/lambda/${APIHandler}"}}
            },
            **dict(alarms()),
        },
        "Outputs": {
            "TableName": {"Value": {"Ref": "Table"}},
            "DeadLettersURL": {"Value": {"Ref": "DeadLetters"}},
            "ListenerPolicy": {
                "Value": {"Ref": "Listener"},
                "Export": {"Name": {"Fn::Sub": "${AWS::StackName}-listener"}},
            },
        },
    }  # fmt: skip


def table() -> Json:
    """It outlives the stack: nothing but a person deletes what people wait for."""
    return {
        "Type": "AWS::DynamoDB::Table",
        "DeletionPolicy": "Retain",
        "UpdateReplacePolicy": "Retain",
        "Properties": {
            "TableName": NAME,
            **SCHEMA,
            "StreamSpecification": {"StreamViewType": "NEW_AND_OLD_IMAGES"},
            "TimeToLiveSpecification": TIME_TO_LIVE,
            "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
            "DeletionProtectionEnabled": True,
        },
    }


def throttle() -> Json:
    """Many more commands a second than people type; a flood costs no fortune."""
    return {
        "ResourcePath": "/*",
        "HttpMethod": "*",
        "ThrottlingRateLimit": 200,
        "ThrottlingBurstLimit": 1000,
    }


def stream() -> Json:
    """The stream wakes the deliverer. Only a bug fails a batch: twice more, then it is put aside."""
    return {
        "Type": "DynamoDB",
        "Properties": {
            "Stream": {"Fn::GetAtt": ["Table", "StreamArn"]},
            "StartingPosition": "TRIM_HORIZON",  # from the first record: none is missed
            "BatchSize": 10,
            "ParallelizationFactor": 10,  # one site's pause holds up few others
            "MaximumRetryAttempts": 2,
            "MaximumRecordAgeInSeconds": 300,
            "BisectBatchOnFunctionError": True,
            "FilterCriteria": {"Filters": [{"Pattern": json.dumps(one)} for one in BEGINS]},
            "DestinationConfig": {
                "OnFailure": {
                    "Type": "SQS",
                    "Destination": {"Fn::GetAtt": ["DeadLetters", "Arn"]},
                }
            },
        },
    }


def listener(stage: str, settings: Mapping[str, str]) -> Json:
    """What the listener may do, wherever it runs. `python -m bot` needs no more, but that
    `backup` and `restore` scan the table.
    """
    kept = [one[4:].rstrip("?") for one in settings.values() if one.startswith("ssm:")]
    kept += [f"/ev-concierge/{stage}/{name}" for name in LISTENERS]
    return {
        "Type": "AWS::IAM::ManagedPolicy",
        "Properties": {
            "Description": "EV Concierge: the listener and its command line",
            "PolicyDocument": {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Sid": "Sites",
                        "Effect": "Allow",
                        "Action": [
                            "dynamodb:DeleteItem",
                            "dynamodb:GetItem",
                            "dynamodb:PutItem",
                            "dynamodb:Query",
                        ],
                        "Resource": arn("dynamodb", "table/${AWS::StackName}"),
                    },
                    {
                        "Sid": "Alarms",
                        "Effect": "Allow",
                        "Action": "dynamodb:Query",
                        "Resource": arn("dynamodb", "table/${AWS::StackName}/index/wake"),
                    },
                    {
                        "Sid": "Secrets",
                        "Effect": "Allow",
                        "Action": "ssm:GetParameters",
                        "Resource": [arn("ssm", f"parameter{name}") for name in kept],
                    },
                ],
            },
        },
    }


def arn(service: str, resource: str) -> Json:
    """One of ours."""
    here = "${AWS::Region}:${AWS::AccountId}"
    return {"Fn::Sub": f"arn:${{AWS::Partition}}:{service}:{here}:{resource}"}


def dead_letters() -> Json:
    return {
        "Type": "AWS::SQS::Queue",
        "Properties": {
            "QueueName": {"Fn::Sub": "${AWS::StackName}-dead-letters"},
            "MessageRetentionPeriod": 1_209_600,  # 14 days, the most
            "SqsManagedSseEnabled": True,
        },
    }


def topic() -> Json:
    return {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": "EV Concierge"}}


def mail() -> Json:
    return {
        "Type": "AWS::SNS::Subscription",
        "Condition": "HasAlarmEmail",
        "Properties": {
            "TopicArn": {"Ref": "AlarmTopic"},
            "Protocol": "email",
            "Endpoint": {"Ref": "AlarmEmail"},
        },
    }


def silent_filter() -> Json:
    """One a minute while no listener leads."""
    return {
        "Type": "AWS::Logs::MetricFilter",
        "Properties": {
            "LogGroupName": {"Ref": "TickLogGroup"},
            "FilterPattern": SILENT,
            "MetricTransformations": [
                {"MetricNamespace": NAME, "MetricName": "ListenerSilent", "MetricValue": "1"}
            ],
        },
    }


def alarms() -> Iterator[tuple[str, Json]]:
    """Nine: AWS gives ten for nothing."""
    for name in FUNCTIONS:
        dimensions = {"FunctionName": {"Ref": name}}
        yield f"{name}Errors", alarm("AWS/Lambda", "Errors", 300, **dimensions)
        yield f"{name}Throttles", alarm("AWS/Lambda", "Throttles", 300, **dimensions)
    late = alarm("AWS/Lambda", "IteratorAge", 300, FunctionName={"Ref": "Deliver"})
    late["Properties"] |= {"Statistic": "Maximum", "Threshold": 60_000}  # ms
    yield "DeliverLate", late
    queue = {"Fn::GetAtt": ["DeadLetters", "QueueName"]}
    dead = alarm("AWS/SQS", "ApproximateNumberOfMessagesVisible", 300, QueueName=queue)
    dead["Properties"]["Statistic"] = "Maximum"
    yield "DeadLettersWait", dead
    silent = alarm(NAME, "ListenerSilent", 60)
    silent["Properties"]["EvaluationPeriods"] = 3  # a restart takes less
    yield "ListenerSilent", silent


def alarm(namespace: str | Json, metric: str, seconds: int, **dimensions: Json) -> Json:
    """Any at all in the period is one too many."""
    return {
        "Type": "AWS::CloudWatch::Alarm",
        "Properties": {
            "Namespace": namespace,
            "MetricName": metric,
            "Dimensions": [{"Name": name, "Value": value} for name, value in dimensions.items()],
            "Statistic": "Sum",
            "Period": seconds,
            "EvaluationPeriods": 1,
            "Threshold": 1,
            "ComparisonOperator": "GreaterThanOrEqualToThreshold",
            "TreatMissingData": "notBreaching",
            "AlarmActions": [{"Ref": "AlarmTopic"}],
            "OKActions": [{"Ref": "AlarmTopic"}],
        },
    }
