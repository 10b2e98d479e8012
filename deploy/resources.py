"""What the stack has besides Chalice's: merged into the packaged template by `deploy.package`.

The stack is called `ev-concierge-STAGE`; table and queue are named after it, so that
policy, settings and command line can name them before they exist.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from chalicelib.stores.dynamodb import SCHEMA, SERIES_SCHEMA, TIME_TO_LIVE
from chalicelib.stores.series.kept import BESIDE

Json = dict[str, Any]

RUNTIME = f"python3.{sys.version_info.minor}"  # as Chalice writes for the others
NAME: Json = {"Ref": "AWS::StackName"}
FUNCTIONS = ("APIHandler", "Deliver", "Tick")  # as Chalice calls them in the template
READINGS: Json = {"Fn::Sub": f"${{AWS::StackName}}{BESIDE}"}  # the table beside
METER_SILENT = '"a meter is silent"'
SILENT = '"no listener is at work"'  # what the tick logs then (office.Endpoints)
# A changed variable starts the functions afresh
AFRESH: Json = {"Environment": {"Variables": {"DEPLOYED_AT": {"Ref": "DeployedAt"}}}}
MAILING: Json = {"EV_MAIL_TOPIC": {"Ref": "MailTopic"}, "EV_MAIL_FROM": {"Ref": "MailFrom"}}
FUNCTION: Json = {"Environment": {"Variables": {**AFRESH["Environment"]["Variables"], **MAILING}}}
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
            "MailFrom": {
                "Type": "String",
                "Default": "",
                "Description": "Who sends mail with pictures: an address that SES has verified.",
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
            "Readings": readings_table(),
            "Energy": energy(settings),
            "EnergyLogGroup": {
                "Type": "AWS::Logs::LogGroup",
                "Properties": {
                    "LogGroupName": {"Fn::Sub": "/aws/lambda/${Energy}"},
                    "RetentionInDays": 14,
                },
            },
            "EnergyInvokePermission": may_invoke("Energy", "energy"),
            "ReportInvokePermission": may_invoke("Energy", "report"),
            "DeadLetters": dead_letters(),
            "RestAPI": {"Properties": {"MethodSettings": [throttle()], **drawn_by("Energy")}},
            **{name: {"Properties": FUNCTION} for name in FUNCTIONS},
            "Deliver": {
                "Properties": {**FUNCTION, "Events": {"DeliverDynamodbEventSource": stream()}}
            },
            "Listener": listener(stage, settings),
            "AlarmTopic": topic(),
            "MailTopic": topic(),
            "Mailing": mailing(),
            "AlarmMail": mail(),
            "ListenerSilentFilter": silent_filter(SILENT, "ListenerSilent"),
            "MeterSilentFilter": silent_filter(METER_SILENT, "MeterSilent"),
            # Chalice 1.34 spells its own function's name wrongly here
            "ApiHandlerLogGroup": {
                "Properties": {"LogGroupName": {"Fn::Sub": "/aws/lambda/${APIHandler}"}}
            },
            **dict(alarms()),
        },
        "Outputs": {
            "TableName": {"Value": {"Ref": "Table"}},
            "MailTopic": {"Value": {"Ref": "MailTopic"}},
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


def readings_table() -> Json:
    """The readings of meters: no stream, and kept when the stack goes."""
    return {
        "Type": "AWS::DynamoDB::Table",
        "DeletionPolicy": "Retain",
        "UpdateReplacePolicy": "Retain",
        "Properties": {
            "TableName": READINGS,
            **SERIES_SCHEMA,
            "TimeToLiveSpecification": TIME_TO_LIVE,
            "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
            "DeletionProtectionEnabled": True,
        },
    }


def energy(settings: Mapping[str, str]) -> Json:
    """The same app with the libraries that draw, for one route: nobody who types waits for
    them. It has the web part's role, and of the settings only where the readings are.
    """
    return {
        "Type": "AWS::Serverless::Function",
        "Properties": {
            "Runtime": RUNTIME,
            "Handler": "app.app",
            "CodeUri": "./energy.zip",
            "Timeout": 30,
            "MemorySize": 1024,  # a picture takes a processor
            "Architectures": ["x86_64"],
            "Environment": {
                "Variables": {
                    "EV_STORE": settings["EV_STORE"],
                    **AFRESH["Environment"]["Variables"],
                }
            },
            "Role": {"Fn::GetAtt": ["ApiHandlerRole", "Arn"]},
        },
    }


DRAWN = ("/energy", "/report")  # routes that have pictures


def drawn_by(function: str) -> Json:
    """What has pictures leads to another function than the rest."""
    arn = "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/"
    uri = {"Fn::Sub": f"{arn}${{{function}.Arn}}/invocations"}
    integration = {"x-amazon-apigateway-integration": {"uri": uri}}
    methods = dict.fromkeys(("get", "head"), integration)
    return {"DefinitionBody": {"paths": dict.fromkeys(DRAWN, methods)}}


def may_invoke(function: str, route: str) -> Json:
    """Our API may."""
    source = f"arn:${{AWS::Partition}}:execute-api:${{AWS::Region}}:${{AWS::AccountId}}:${{RestAPI}}/*/*/{route}"
    return {
        "Type": "AWS::Lambda::Permission",
        "Properties": {
            "FunctionName": {"Ref": function},
            "Action": "lambda:InvokeFunction",
            "Principal": "apigateway.amazonaws.com",
            "SourceArn": {"Fn::Sub": source},
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
                        "Sid": "Readings",
                        "Effect": "Allow",
                        "Action": [
                            "dynamodb:DeleteItem",
                            "dynamodb:Query",
                            "dynamodb:UpdateItem",
                        ],
                        "Resource": arn("dynamodb", f"table/${{AWS::StackName}}{BESIDE}"),
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


def mailing() -> Json:
    """What the functions may do to mail people. SNS knows no resource of a subscription."""
    return {
        "Type": "AWS::IAM::ManagedPolicy",
        "Properties": {
            "Description": "EV Concierge: mail to people who want it",
            "Roles": [{"Ref": f"{name}Role"} for name in ("ApiHandler", "Deliver", "Tick")],
            "PolicyDocument": {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Sid": "Topic",
                        "Effect": "Allow",
                        "Action": ["sns:Publish", "sns:Subscribe"],
                        "Resource": {"Ref": "MailTopic"},
                    },
                    {
                        "Sid": "Subscriptions",
                        "Effect": "Allow",
                        "Action": ["sns:GetSubscriptionAttributes", "sns:Unsubscribe"],
                        "Resource": "*",
                    },
                    {
                        "Sid": "Pictures",
                        "Effect": "Allow",
                        "Action": "ses:SendRawEmail",
                        "Resource": "*",
                        "Condition": {"StringEquals": {"ses:FromAddress": {"Ref": "MailFrom"}}},
                    },
                ],
            },
        },
    }


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


def silent_filter(line: str, metric: str) -> Json:
    """Counts the tick's lines about who has fallen silent."""
    return {
        "Type": "AWS::Logs::MetricFilter",
        "Properties": {
            "LogGroupName": {"Ref": "TickLogGroup"},
            "FilterPattern": line,
            "MetricTransformations": [
                {"MetricNamespace": NAME, "MetricName": metric, "MetricValue": "1"}
            ],
        },
    }


def alarms() -> Iterator[tuple[str, Json]]:
    """Ten: as many as AWS gives for nothing."""
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
    yield "MeterSilent", alarm(NAME, "MeterSilent", 3600)


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
