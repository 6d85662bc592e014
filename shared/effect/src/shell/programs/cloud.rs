//! Rows of the command line of Amazon's cloud.

use super::{D, Paths, Program, R, W, X, gnu};

/// Every command of these consists of a service and a verb.
pub(super) const VALUED: &str = "--profile --region --output --query -o -g --resource-group -n --name --project \
                      --zone --subscription --bucket --key --format --filter --location -l --app \
                      -a \
                      --user-name --policy-arn --member --role --image --instance-ids --stack-name \
                      --table-name --secret-id --function-name --namespace --account \
                      --account-name --acl \
                      --public-access --desired-count --desired-capacity";

/// The programs. Copies to buckets are looked at before.
pub(super) const PROGRAMS: &[Program] = &[Program {
    names: "aws awslocal",
    style: gnu(VALUED),
    paths: Paths::None,
    rows: &[
        (
            "--dry-run|--dryrun|--generate-cli-skeleton",
            R,
            88,
            "cloud.dry_run",
        ),
        ("s3 ls", R, 92, "cloud.lists"),
        ("s3 rm|rb", D, 93, "cloud.deletes_objects"),
        ("s3 mb|website", W, 80, "cloud.creates"),
        ("s3 presign", X, 80, "cloud.shares_link"),
        ("s3 mv|cp|sync", W, 75, "cloud.copies"),
        (
            "secretsmanager get-secret-value|batch-get-secret-value|get-random-password",
            X,
            93,
            "cloud.reveals_secret",
        ),
        (
            "ssm get-parameter|get-parameters|get-parameters-by-path --with-decryption",
            X,
            88,
            "cloud.reveals_secret",
        ),
        ("kms decrypt", X, 80, "cloud.decrypts"),
        (
            "sts get-session-token|assume-role|get-federation-token|assume-role-*",
            X,
            75,
            "cloud.issues_credential",
        ),
        (
            "iam create-access-key|create-login-profile|create-service-specific-credential",
            X,
            80,
            "cloud.issues_credential",
        ),
        (
            "ecr|ecr-public|codeartifact get-login-password|get-authorization-token",
            X,
            70,
            "cloud.issues_credential",
        ),
        ("ec2 get-password-data", X, 85, "cloud.reveals_secret"),
        (
            "rds generate-db-auth-token",
            X,
            75,
            "cloud.issues_credential",
        ),
        (
            "configure get|export-credentials",
            X,
            75,
            "cloud.reveals_secret",
        ),
        ("configure list|list-profiles", R, 85, "cloud.lists"),
        (
            "s3api put-object-acl|put-bucket-acl|create-bucket|put-object|copy-object \
              --acl=public-read|--acl=public-read-write|--acl=authenticated-read",
            X,
            93,
            "cloud.publishes",
        ),
        (
            "s3api put-bucket-policy|delete-public-access-block|put-public-access-block",
            X,
            60,
            "cloud.opens_bucket",
        ),
        (
            "ec2|rds|neptune|docdb modify-*-attribute|modify-image-attribute|modify-snapshot-attribute|\
              modify-db-snapshot-attribute|modify-db-cluster-snapshot-attribute",
            X,
            70,
            "cloud.shares_snapshot",
        ),
        (
            "lambda|sns|sqs|ecr add-permission|set-repository-policy|put-resource-policy",
            X,
            55,
            "cloud.grants_access",
        ),
        (
            "ec2 authorize-security-group-ingress",
            X,
            55,
            "cloud.opens_network",
        ),
        ("cloudtrail stop-logging", D, 93, "cloud.disables_audit"),
        ("ec2 revoke-security-group-*", D, 70, "cloud.revokes"),
        ("cloudfront create-invalidation", W, 85, "cloud.changes"),
        (
            "logs filter-log-events|get-*|tail|start-query|describe-*",
            R,
            88,
            "cloud.reads",
        ),
        (
            "logs|rds|dynamodb create-export-task|start-export-task|export-table-to-point-in-time",
            X,
            75,
            "cloud.exports",
        ),
        ("dynamodb scan|query", R, 60, "cloud.reads"),
        (
            "* delete-*|terminate-*|purge-*|remove-*|destroy-*|deregister-*|batch-delete-*|\
                 deactivate-*|release-*|disassociate-*|stop-logging|schedule-key-deletion|\
                 disable-*|cancel-*|reset-*|revoke-*",
            D,
            88,
            "cloud.deletes",
        ),
        (
            "ecs|autoscaling|eks update-service|update-auto-scaling-group|update-nodegroup-config \
              --desired-count=0|--desired-capacity=0",
            D,
            85,
            "cloud.scales_to_zero",
        ),
        (
            "* describe-*|list-*|get-*|head-*|ls|lookup-*|search-*|scan|query|batch-get-*|wait|help|\
              simulate-*|validate-*|estimate-*|check-*|filter-*|select-*|preview-*|tail|view-*|\
              test-*|detect-*",
            R,
            92,
            "cloud.reads",
        ),
        ("sts get-caller-identity", R, 92, "cloud.reads"),
        ("=end", R, 80, "cloud.reads"),
        ("", W, 82, "cloud.changes"),
    ],
}];
