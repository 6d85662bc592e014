//! Rows of the command lines of clouds and hosted services.

use super::{D, Paths, Program, R, W, X, gnu};

/// Every command of these consists of a service and a verb.
const VALUED: &str = "--profile --region --output --query -o -g --resource-group -n --name --project \
                      --zone --subscription --bucket --key --format --filter --location -l --app -a \
                      --user-name --policy-arn --member --role --image --instance-ids --stack-name \
                      --table-name --secret-id --function-name --namespace --account --account-name";

/// The programs. Copies to buckets are looked at before.
pub(super) const PROGRAMS: &[Program] = &[
    Program {
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
                 deactivate-*|release-*|disassociate-*|stop-logging|schedule-key-deletion|disable-*|cancel-*|reset-*|revoke-*",
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
              simulate-*|validate-*|estimate-*|check-*|filter-*|select-*|preview-*|tail|view-*|test-*|detect-*",
                R,
                92,
                "cloud.reads",
            ),
            ("sts get-caller-identity", R, 92, "cloud.reads"),
            ("=end", R, 80, "cloud.reads"),
            ("", W, 82, "cloud.changes"),
        ],
    },
    Program {
        names: "gcloud",
        style: gnu(VALUED),
        paths: Paths::None,
        rows: &[
            ("secrets versions access", X, 93, "cloud.reveals_secret"),
            (
                "auth print-access-token|print-identity-token|print-refresh-token",
                X,
                85,
                "cloud.issues_credential",
            ),
            (
                "auth application-default print-access-token",
                X,
                85,
                "cloud.issues_credential",
            ),
            (
                "iam service-accounts keys create",
                X,
                85,
                "cloud.issues_credential",
            ),
            (
                "compute reset-windows-password",
                X,
                75,
                "cloud.issues_credential",
            ),
            (
                "--member=allUsers|--member=allAuthenticatedUsers|--allow-unauthenticated",
                X,
                93,
                "cloud.publishes",
            ),
            (
                "sql|firestore|datastore|spanner|beta export",
                X,
                75,
                "cloud.exports",
            ),
            ("storage rm", D, 92, "cloud.deletes_objects"),
            ("storage ls|cat|du|hash", R, 88, "cloud.lists"),
            (
                "storage buckets|objects list|describe",
                R,
                90,
                "cloud.lists",
            ),
            ("storage buckets|objects delete", D, 93, "cloud.deletes"),
            ("auth list", R, 88, "cloud.lists"),
            ("config list|get-value|get", R, 88, "cloud.lists"),
            ("config set|unset", W, 80, "cloud.configures"),
            ("logging read", R, 90, "cloud.reads"),
            (
                "* delete|destroy|purge|remove-*|disable|revoke|cancel",
                D,
                90,
                "cloud.deletes",
            ),
            (
                "* * delete|destroy|purge|remove-*|disable|revoke|reset|cancel",
                D,
                90,
                "cloud.deletes",
            ),
            (
                "* * * delete|destroy|purge|remove-*|disable|revoke",
                D,
                88,
                "cloud.deletes",
            ),
            (
                "* * * * delete|destroy|remove-*|disable",
                D,
                85,
                "cloud.deletes",
            ),
            (
                "* list|describe|get-*|read|info|search|history",
                R,
                92,
                "cloud.reads",
            ),
            (
                "* * list|describe|get-*|read|list-*|search-*|lookup|tail",
                R,
                92,
                "cloud.reads",
            ),
            ("* * * list|describe|get-*|list-*", R, 90, "cloud.reads"),
            (
                "info|version|help|topic|cheat-sheet|feedback",
                R,
                88,
                "cloud.reads",
            ),
            ("", W, 80, "cloud.changes"),
        ],
    },
    Program {
        names: "az",
        style: gnu(VALUED),
        paths: Paths::None,
        rows: &[
            (
                "keyvault secret show|download|backup",
                X,
                93,
                "cloud.reveals_secret",
            ),
            (
                "keyvault key|certificate download|backup",
                X,
                80,
                "cloud.reveals_secret",
            ),
            ("account get-access-token", X, 85, "cloud.issues_credential"),
            ("* * keys|key list|renew", X, 80, "cloud.reveals_secret"),
            (
                "* * list-keys|show-connection-string|list-credentials|get-credentials|list-connection-strings",
                X,
                78,
                "cloud.reveals_secret",
            ),
            (
                "* show-connection-string|list-keys|get-credentials",
                X,
                60,
                "cloud.reveals_secret",
            ),
            (
                "ad sp create-for-rbac|credential",
                X,
                70,
                "cloud.issues_credential",
            ),
            (
                "storage container create|set-permission --public-access=blob|--public-access=container",
                X,
                92,
                "cloud.publishes",
            ),
            (
                "storage account create|update --allow-blob-public-access=true",
                X,
                85,
                "cloud.publishes",
            ),
            (
                "storage blob|container|account generate-sas",
                X,
                80,
                "cloud.shares_link",
            ),
            ("sql db export", X, 80, "cloud.exports"),
            (
                "* delete|purge|deallocate|remove|cancel",
                D,
                92,
                "cloud.deletes",
            ),
            (
                "* * delete|purge|delete-batch|remove|revoke|disable",
                D,
                90,
                "cloud.deletes",
            ),
            ("* * * delete|purge|remove", D, 88, "cloud.deletes"),
            (
                "* list|show|list-*|get-*|exists|check-*|download",
                R,
                92,
                "cloud.reads",
            ),
            (
                "* * list|show|list-*|get-*|exists|tail|download|query|what-if|validate",
                R,
                92,
                "cloud.reads",
            ),
            ("* * * list|show|list-*|get-*", R, 90, "cloud.reads"),
            ("version|find|help", R, 88, "cloud.reads"),
            ("", W, 80, "cloud.changes"),
        ],
    },
    Program {
        names: "heroku fly flyctl vercel netlify railway render wrangler firebase supabase doctl linode-cli hcloud \
                ibmcloud oci scw cf dokku stripe twilio sentry-cli datadog-ci neonctl planetscale pscale turso \
                surge now exoscale civo vultr-cli algolia auth0 okta shopify",
        style: gnu(VALUED),
        paths: Paths::None,
        rows: &[
            (
                "config|secrets|env|kv:key|auth:token|variables =end",
                X,
                60,
                "cloud.reveals_settings",
            ),
            (
                "config:get|auth:token|env:get|pg:credentials:url",
                X,
                75,
                "cloud.reveals_secret",
            ),
            ("env pull", X, 65, "cloud.reveals_settings"),
            (
                "pg:backups:download|pg:dump|db:dump|auth:export|firestore:export",
                X,
                75,
                "cloud.exports",
            ),
            ("db dump", X, 75, "cloud.exports"),
            (
                "*:destroy|*:delete|*:remove|*:reset|*:disable|*:clear|pg:kill*|pg:promote",
                D,
                90,
                "cloud.deletes",
            ),
            ("destroy|delete|remove|rm|teardown", D, 90, "cloud.deletes"),
            (
                "* delete|destroy|remove|rm|reset|revoke|purge|unset",
                D,
                88,
                "cloud.deletes",
            ),
            (
                "* * delete|destroy|remove|rm|reset|purge",
                D,
                86,
                "cloud.deletes",
            ),
            ("scale|ps:scale *=0", D, 80, "cloud.scales_to_zero"),
            ("scale count 0", D, 82, "cloud.scales_to_zero"),
            (
                "logs|apps|status|ps|list|ls|whoami|info|inspect|version|tail|open|regions|auth:whoami|releases|domains",
                R,
                85,
                "cloud.reads",
            ),
            (
                "*:info|*:list|*:status|*:diagnose|*:ps",
                R,
                85,
                "cloud.reads",
            ),
            (
                "* list|ls|show|get|info|status|describe|logs|diff|retrieve|search",
                R,
                86,
                "cloud.reads",
            ),
            (
                "* * list|ls|show|get|info|status|describe",
                R,
                86,
                "cloud.reads",
            ),
            ("", W, 72, "cloud.changes"),
        ],
    },
];
