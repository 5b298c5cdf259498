#include "launch/commands.h"

#include "base/json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gantry::launch {
namespace {

using base::Node;

base::SourcePos where() { return {.file = std::make_shared<const std::string>("plan.md"), .line = 9, .column = 4}; }

// "check key=value …" for each binding; "? reason" for what was not understood.
std::string dump(const Recognised& recognised) {
  std::string text;
  for (const CommandBinding& binding : recognised.bindings) {
    if (!text.empty()) text += "; ";
    text += binding.block.text("check");
    for (const Node::Member& member : binding.block.map()) {
      if (member.key == "check") continue;
      text +=
          " " + member.key + "=" + (member.value.is_string() ? member.value.string() : base::dump_json(member.value));
    }
  }
  for (const base::Finding& finding : recognised.findings) {
    if (!text.empty()) text += "; ";
    const std::size_t reason = finding.message.rfind("`: ");
    text += "? " + finding.message.substr(reason + 3);
  }
  return text;
}

std::string recognise_text(std::string_view text) {
  return dump(recognise({.text = std::string(text), .where = where()}));
}

struct Case {
  const char* command;
  const char* expected;
};

// Reference §2.6, "Recognised commands", in every spelling.
constexpr Case kCases[] = {
    {"kubectl apply -k manifests/net/",
     "manifests.render path=manifests/net/; manifests.valid path=manifests/net/; manifests.apply path=manifests/net/"},
    {"kubectl apply -k github.com/shop/base",
     "? 'github.com/shop/base' is on another machine, and nothing is ever fetched"},
    {"kubectl apply -k git@example.com:shop/base.git",
     "? 'git@example.com:shop/base.git' is on another machine, and nothing is ever fetched"},
    {"kubectl apply --kustomize=a", "manifests.render path=a; manifests.valid path=a; manifests.apply path=a"},
    {"kubectl apply -ka", "manifests.render path=a; manifests.valid path=a; manifests.apply path=a"},
    {"kubectl apply -f a.yaml",
     "manifests.render path=a.yaml raw=true; manifests.valid path=a.yaml raw=true; manifests.apply path=a.yaml "
     "raw=true"},
    {"kubectl apply --filename a.yaml",
     "manifests.render path=a.yaml raw=true; manifests.valid path=a.yaml raw=true; manifests.apply path=a.yaml "
     "raw=true"},
    {"kubectl apply -Rf a",
     "manifests.render path=a raw=true recursive=true; manifests.valid path=a raw=true recursive=true; manifests.apply "
     "path=a raw=true recursive=true"},
    {"kubectl apply -f a,b",
     "manifests.render path=a raw=true; manifests.valid path=a raw=true; manifests.apply path=a raw=true; "
     "manifests.render path=b "
     "raw=true; manifests.valid path=b raw=true; manifests.apply path=b raw=true"},
    {"kubectl --context prod -n shop apply --server-side -k a --dry-run=server",
     "manifests.render path=a into=shop; manifests.valid path=a into=shop; manifests.apply path=a into=shop"},
    {"sudo -u ops KUBECONFIG=x /usr/bin/kubectl apply -k 'a b'",
     "manifests.render path=a b; manifests.valid path=a b; manifests.apply path=a b"},
    {"$ kubectl apply -k a", "manifests.render path=a; manifests.valid path=a; manifests.apply path=a"},
    {"kubectl apply", "? it names nothing to apply"},
    {"kubectl apply -f -", "? it reads from its input"},
    {"kubectl apply -f https://example.com/a.yaml", "? 'https://example.com/a.yaml' is not in the workspace"},
    {"kubectl apply -f $FILE", "? only a shell knows what '$FILE' is"},
    {"kubectl apply -f *.yaml", "? only a shell knows what '*.yaml' is"},
    {"kubectl apply -f <file>", "? only a shell knows what '<file>' is"},
    {"kubectl apply -f ''", "? it names an empty path"},

    {"kubectl describe networkpolicy -n shop", "net.policies namespace=shop"},
    {"kubectl describe networkpolicies -nshop", "net.policies namespace=shop"},
    {"kubectl -n shop describe netpol allow-dns", "net.policies namespace=shop"},
    {"kubectl describe networkpolicies.networking.k8s.io/allow-dns --namespace=shop", "net.policies namespace=shop"},
    {"kubectl describe networkpolicy -A", "net.policies"},
    {"kubectl describe networkpolicy -n $NS", "net.policies"},
    {"kubectl describe pdb nats -n shop", "live.read resource=pdb namespace=shop"},
    {"kubectl describe", "? it names nothing to describe"},

    {"kubectl drain --dry-run", "drain.rehearse; pdb.protects"},
    {"kubectl drain node-1 --dry-run=client --ignore-daemonsets",
     "drain.rehearse node=node-1 ignore_daemonsets=true; pdb.protects"},
    {"kubectl drain <node> --ignore-daemonsets --dry-run=server",
     "drain.rehearse ignore_daemonsets=true; pdb.protects"},
    {"kubectl drain $(kubectl get node -o name | head -1) --dry-run", "drain.rehearse; pdb.protects"},
    {"kubectl drain node-1 node-2 --dry-run", "drain.rehearse node=node-1,node-2; pdb.protects"},
    {"kubectl drain node-1 --timeout=90s --grace-period 20 --pod-selector 'app=web' --dry-run=server",
     "drain.rehearse node=node-1 grace_period=20s timeout=90s pod_selector=app=web; pdb.protects"},
    {"kubectl drain node-1 --timeout=0 --grace-period=-1 --dry-run",
     "drain.rehearse node=node-1 timeout=0s; pdb.protects"},
    {"kubectl drain node-1 --timeout=soon --dry-run", "? its time limit 'soon' is no duration"},
    {"kubectl drain node-1 --grace-period=short --dry-run", "? its grace period 'short' is no number of seconds"},
    {"kubectl drain node-1 --pod-selector=$WHO --dry-run", "? its pod selector '$WHO' is no label selector"},
    {"kubectl drain node-1", "? it drains a node for real"},
    {"kubectl drain node-1 --dry-run=none", "? it drains a node for real"},

    {"kubectl get pdb -n shop", "live.read resource=pdb namespace=shop"},
    {"kubectl get hpa", "live.read resource=hpa"},
    {"kubectl get deploy/api -o yaml", "live.read resource=deploy"},
    {"kubectl rollout status deploy/api -n shop", "live.read resource=rollout name=deploy/api namespace=shop"},
    {"kubectl rollout undo deploy/api", "? it changes the cluster"},
    {"kubectl rollout", "? it does not say what to do with a rollout"},
    {"kubectl delete pod x", "? no check does what kubectl delete does"},
    {"kubectl", "? it names nothing to do"},

    {"k6 run load/health.js", "load.run script=load/health.js"},
    {"k6 run --vus 10 -d 30s load/health.js", "load.run script=load/health.js flags=[\"--vus=10\",\"--duration=30s\"]"},
    {"k6 run -e HOST=x --no-thresholds a.js", "load.run script=a.js flags=[\"--env=HOST=x\",\"--no-thresholds\"]"},
    {"k6 run -q a.js --out json=x.json", "load.run script=a.js flags=[\"--quiet\",\"--out=json=x.json\"]"},
    {"k6 run -e HOST=$HOST a.js", "? only a shell knows the value of --env"},
    {"k6 run - < a.js", "? it reads from its input"},
    {"k6 run", "? it names no script, or several"},
    {"k6 run a.js b.js", "? it names no script, or several"},
    {"k6 inspect a.js", "? only k6 run is checked"},

    {"git tag saas-v1.0.0", "release.tag name=saas-v1.0.0"},
    {"git tag -a v1 -m 'First launch'", "release.tag name=v1"},
    {"git -C . tag -s v1 -m x", "release.tag name=v1"},
    {"git tag v1 HEAD~1", "? it tags another commit than the one that is judged"},
    {"git tag -d v1", "? it makes no tag"},
    {"git tag", "? it names no tag"},
    {"git tag v$VERSION", "? only a shell knows what 'v$VERSION' is"},
    {"git push --tags", "? no check does what git push does"},

    {"helm install loki grafana/loki", "? helm charts are not rendered here"},
    {"helm upgrade --install loki grafana/loki -f values.yaml", "? helm charts are not rendered here"},

    {"trivy image registry/api:1.0", "scan.import tool=trivy image=registry/api:1.0"},
    {"trivy image --severity HIGH,CRITICAL $IMAGE", "scan.import tool=trivy"},
    {"trivy fs .", "? only trivy image is checked"},
    {"pip-audit -r requirements.txt", "scan.import tool=pip-audit"},
    {"osv-scanner --lockfile x", "scan.import tool=osv-scanner"},
    {"gitleaks detect", "scan.import tool=gitleaks"},

    {"cd impl && cd k8s; kubectl apply -k net",
     "manifests.render path=impl/k8s/net; manifests.valid path=impl/k8s/net; manifests.apply path=impl/k8s/net"},
    {"cd load && k6 run a.js", "load.run script=load/a.js"},
    {"cd $ROOT && kubectl apply -k net", "? only a shell knows which folder it runs in"},
    {"cd /tmp && cd x && k6 run a.js", "? only a shell knows which folder it runs in"},
    {"cd && k6 run a.js", "? only a shell knows which folder it runs in"},
    {"cd manifests && kubectl get hpa; echo done", "live.read resource=hpa"},
    {"kubectl get pdb | grep nats", "live.read resource=pdb"},
    {"kubectl get pdb > out.txt 2>&1", "live.read resource=pdb"},
    {"git tag v1 && make release", "release.tag name=v1; ? no check does what make does"},
    {"for i in 1 2; do kubectl get pdb; done", "? it is a program for the shell (for …)"},
    {"kubectl get pdb 'x", "? a quote is not closed"},
    {"make test", "? no check does what make does"},
    {"NAME=value", ""},
    {"echo kubectl apply -k a", ""},
    {"", ""},
};

TEST(Commands, LeadToTheChecksOfTheReference) {
  for (const Case& c : kCases) EXPECT_EQ(recognise_text(c.command), c.expected) << c.command;
}

TEST(Commands, BlocksAndFindingsStandWhereTheCommandDoes) {
  const Recognised recognised = recognise({.text = "k6 run a.js; make", .where = where()});
  ASSERT_EQ(recognised.bindings.size(), 1U);
  EXPECT_EQ(recognised.bindings[0].block.pos(), where());
  EXPECT_EQ(recognised.bindings[0].block.find("script")->pos(), where());
  ASSERT_EQ(recognised.findings.size(), 1U);
  EXPECT_EQ(recognised.findings[0].rule, "plan.command-not-understood");
  EXPECT_EQ(recognised.findings[0].severity, base::Severity::info);
  EXPECT_EQ(recognised.findings[0].where, where());
  EXPECT_NE(recognised.findings[0].fix, "");
}

TEST(Commands, InlineCodeIsACommandWhenItRunsSomething) {
  for (const char* command : {"kubectl get pods", "sudo kubectl get pods", "A=1 git tag x", "./deploy.sh prod",
                              "/usr/bin/k6 run a.js", "make all", "$ echo hi", "curl localhost"}) {
    EXPECT_TRUE(looks_like_command(command)) << command;
  }
  for (const char* other : {"kubectl", "docs/a.md", "kgents-agents", "p95 < 500 ms", "minAvailable: 2", "a b", "", "'",
                            "X=1", "sudo", "the make of it"}) {
    EXPECT_FALSE(looks_like_command(other)) << other;
  }
}

TEST(Commands, HereDocumentsEndWithTheirWord) {
  EXPECT_EQ(find_here_document("kubectl apply -f - <<EOF"), "EOF");
  EXPECT_EQ(find_here_document("cat <<-'END' | tee x"), "END");
  EXPECT_EQ(find_here_document("cat << \"A B\""), "A");  // unusual, and harmless
  EXPECT_EQ(find_here_document("cat <<< text"), "");
  EXPECT_EQ(find_here_document("kubectl get pods"), "");
}

}  // namespace
}  // namespace gantry::launch
