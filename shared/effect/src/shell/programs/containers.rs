//! Rows of containers and their orchestration.

use super::{D, Paths, Program, R, W, X, gnu, long};

/// The programs. `exec` and `run` with a command are taken apart before.
pub(super) const PROGRAMS: &[Program] = &[
    Program {
        names: "docker podman nerdctl docker-compose podman-compose buildah",
        style: gnu(
            "-f --file -p --project-name -n --name -t --tag -H --host --context -c --filter \
                    --format -e -v --env-file --profile --scale --platform",
        ),
        paths: Paths::None,
        rows: &[
            ("compose * --dry-run", R, 85, "container.dry_run"),
            (
                "inspect --format=*Env*|-f=*Env*",
                X,
                78,
                "container.reveals_environment",
            ),
            (
                "container inspect --format=*Env*|-f=*Env*",
                X,
                78,
                "container.reveals_environment",
            ),
            (
                "system|image|images|container|volume|network|builder|buildx|pod prune",
                D,
                88,
                "container.prunes",
            ),
            (
                "compose|stack down -v|--volumes",
                D,
                93,
                "container.removes_volumes",
            ),
            ("compose|stack down|rm|kill", D, 65, "container.removes"),
            (
                "compose ps|logs|config|images|top|ls|port|version|events|stats",
                R,
                92,
                "container.reads",
            ),
            ("compose", W, 85, "container.changes"),
            ("down -v|--volumes", D, 93, "container.removes_volumes"),
            ("down|rm|kill", D, 78, "container.removes"),
            ("rmi", D, 72, "container.removes_image"),
            (
                "volume|network|image|container|secret|config|service|node|context|plugin|stack|manifest|pod|machine rm|remove|kill|delete",
                D,
                85,
                "container.removes",
            ),
            ("swarm leave", D, 75, "container.leaves_swarm"),
            ("service scale", W, 70, "container.scales"),
            ("push", W, 75, "container.pushes"),
            ("image push", W, 75, "container.pushes"),
            ("save|export", W, 60, "container.saves"),
            ("image save", W, 60, "container.saves"),
            (
                "run -v=/:*|--privileged|--pid=host",
                D,
                60,
                "container.escapes",
            ),
            ("cp", W, 75, "container.copies"),
            (
                "ps|images|logs|inspect|stats|top|version|info|search|port|diff|history|events|wait|config|help",
                R,
                92,
                "container.reads",
            ),
            (
                "volume|network|image|container|secret|config|service|node|context|plugin|stack|system|buildx|manifest|trust|swarm|pod|machine|scout \
              ls|list|ps|inspect|logs|df|info|history|stats|top|show|events|tasks|services|du|\
              exists|quickview|cves",
                R,
                90,
                "container.reads",
            ),
            ("=end", R, 85, "container.reads"),
            ("", W, 82, "container.changes"),
        ],
    },
    Program {
        names: "kubectl oc k k3s microk8s",
        style: gnu(
            "-n --namespace --context --cluster --user --kubeconfig -f --filename -o --output -l \
                    --selector -c --container -p --patch --type --replicas --token --as -s \
                    --server \
                    --from-literal --field-selector --tail --since --sort-by -k --revision",
        ),
        paths: Paths::None,
        rows: &[
            (
                "--dry-run=client|--dry-run=server",
                R,
                92,
                "cluster.dry_run",
            ),
            (
                "apply|create|replace|delete|patch|run|scale|set|drain|label|annotate --dry-run !--dry-run=none",
                R,
                80,
                "cluster.dry_run",
            ),
            ("delete", D, 94, "cluster.deletes"),
            ("scale --replicas=0", D, 88, "cluster.scales_to_zero"),
            ("drain", D, 75, "cluster.drains"),
            ("replace --force", D, 88, "cluster.replaces"),
            ("apply --prune", D, 75, "cluster.prunes"),
            (
                "get|describe secret|secrets|secret/*|secrets/* -o|--output|--template",
                X,
                88,
                "cluster.reveals_secret",
            ),
            ("get secret/*|secrets/*", R, 60, "cluster.reads_secret"),
            ("get *secret* -o|--output", X, 85, "cluster.reveals_secret"),
            ("config view --raw", X, 85, "cluster.reveals_credential"),
            (
                "config view|get-contexts|current-context|get-clusters|get-users",
                R,
                90,
                "cluster.reads",
            ),
            (
                "config delete-context|delete-cluster|delete-user|unset",
                D,
                60,
                "cluster.forgets",
            ),
            ("config", W, 75, "cluster.configures"),
            ("create token", X, 80, "cluster.reveals_token"),
            (
                "create clusterrolebinding|rolebinding --clusterrole=cluster-admin",
                X,
                60,
                "cluster.grants_admin",
            ),
            ("rollout status|history", R, 92, "cluster.reads"),
            ("rollout undo", W, 70, "cluster.rolls_back"),
            ("auth can-i|whoami", R, 92, "cluster.reads"),
            ("cp", W, 60, "cluster.copies"),
            ("proxy --address=0.0.0.0", X, 75, "cluster.exposes"),
            ("port-forward --address=0.0.0.0", X, 60, "cluster.exposes"),
            ("expose --type=LoadBalancer", X, 60, "cluster.exposes"),
            (
                "get|describe|logs|top|explain|diff|version|cluster-info|api-resources|api-versions|events|wait|\
              port-forward|proxy|options|help|kustomize|completion|whoami|projects|status",
                R,
                92,
                "cluster.reads",
            ),
            ("=end", R, 85, "cluster.reads"),
            ("", W, 82, "cluster.changes"),
        ],
    },
    Program {
        names: "helm helmfile",
        style: gnu("-n --namespace --kube-context -f --values --set --version --kubeconfig -l"),
        paths: Paths::None,
        rows: &[
            ("--dry-run|--dry-run=*", R, 90, "release.dry_run"),
            (
                "uninstall|delete|del|un|destroy",
                D,
                92,
                "release.uninstalls",
            ),
            ("upgrade --force|--reset-values", D, 65, "release.replaces"),
            ("rollback", W, 65, "release.rolls_back"),
            ("repo|plugin|registry list|ls", R, 90, "release.reads"),
            (
                "repo|plugin remove|rm|uninstall",
                D,
                50,
                "release.removes_repository",
            ),
            (
                "list|ls|status|history|hist|get|show|inspect|search|template|lint|verify|version|env|diff|\
              dependency|test|help|pull|fetch",
                R,
                90,
                "release.reads",
            ),
            ("push", W, 70, "release.pushes"),
            ("", W, 82, "release.changes"),
        ],
    },
    Program {
        names: "argocd flux istioctl linkerd kustomize kind minikube k3d k9s eksctl kops rancher nomad consul \
                stern kubectx kubens velero talosctl skaffold tilt cilium ctr crictl \
                vagrant multipass lxc \
                virsh qm pct VBoxManage limactl colima crossplane",
        style: gnu("-n --namespace -o --output --context -f"),
        paths: Paths::None,
        rows: &[
            ("--dry-run|--dry-run=client", R, 85, "cluster.dry_run"),
            (
                "delete|destroy|undefine|rm|remove|purge|uninstall|del|prune|unregistervm",
                D,
                90,
                "cluster.deletes",
            ),
            (
                "* delete|destroy|rm|remove|purge|delete-resource|prune|rollback-to",
                D,
                85,
                "cluster.deletes",
            ),
            (
                "stop|force-leave|shutdown|poweroff|reset|kill|halt",
                D,
                60,
                "cluster.stops",
            ),
            (
                "get|list|ls|status|version|info|logs|describe|show|diff|build|profile|analyze|ps|images|inspect|config|check|\
              tree|members|monitor|dominfo|validate|plan|top|health|proxy-status",
                R,
                85,
                "cluster.reads",
            ),
            (
                "* get|list|ls|status|describe|show|logs|history|diff|info|export|resources|manifests",
                R,
                82,
                "cluster.reads",
            ),
            ("", W, 70, "cluster.changes"),
        ],
    },
    Program {
        names: "skopeo crane oras cosign trivy grype syft dive hadolint kubeval kubeconform kube-score tflint \
                checkov tfsec semgrep snyk gitleaks trufflehog",
        style: long(""),
        paths: Paths::None,
        rows: &[
            ("delete", D, 90, "registry.deletes"),
            (
                "copy|cp|push|sync|sign|attest|attach|tag|mutate|append",
                W,
                75,
                "registry.pushes",
            ),
            ("", R, 85, "registry.reads"),
        ],
    },
];
