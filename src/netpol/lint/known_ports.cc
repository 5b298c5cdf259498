#include "netpol/lint/known_ports.h"

#include "netpol/lint/context.h"

#include <algorithm>
#include <iterator>

namespace gantry::netpol::linting {

namespace {

// Sorted by number. From the projects' documentation; services whose number many others use as well (8080, 9000) are left out.
constexpr KnownPort kKnown[] = {
    {1433, PortUse::data_store, "SQL Server"},
    {1521, PortUse::data_store, "Oracle"},
    {2181, PortUse::data_store, "ZooKeeper"},
    {2379, PortUse::data_store, "etcd"},
    {2380, PortUse::data_store, "etcd"},
    {3306, PortUse::data_store, "MySQL"},
    {4222, PortUse::data_store, "NATS"},
    {5432, PortUse::data_store, "PostgreSQL"},
    {5672, PortUse::data_store, "RabbitMQ"},
    {5984, PortUse::data_store, "CouchDB"},
    {6222, PortUse::control, "NATS routes"},
    {6333, PortUse::data_store, "Qdrant"},
    {6334, PortUse::data_store, "Qdrant"},
    {6379, PortUse::data_store, "Redis"},
    {6443, PortUse::control, "the Kubernetes API"},
    {7000, PortUse::data_store, "Cassandra"},
    {8123, PortUse::data_store, "ClickHouse"},
    {8200, PortUse::control, "Vault"},
    {8500, PortUse::control, "Consul"},
    {9042, PortUse::data_store, "Cassandra"},
    {9092, PortUse::data_store, "Kafka"},
    {9093, PortUse::data_store, "Kafka"},
    {9200, PortUse::data_store, "Elasticsearch"},
    {9300, PortUse::data_store, "Elasticsearch"},
    {10250, PortUse::control, "the kubelet"},
    {11211, PortUse::data_store, "memcached"},
    {15672, PortUse::control, "RabbitMQ management"},
    {16379, PortUse::data_store, "Redis"},
    {26257, PortUse::data_store, "CockroachDB"},
    {27017, PortUse::data_store, "MongoDB"},
};
static_assert(std::ranges::is_sorted(kKnown, {}, &KnownPort::port));

struct UdpPort {
  std::uint16_t port;
  std::string_view what;
};
constexpr UdpPort kUdp[] = {
    {53, "DNS"},      {67, "DHCP"},     {69, "TFTP"},    {123, "NTP"},         {161, "SNMP"},
    {162, "SNMP"},    {500, "IKE"},     {514, "syslog"}, {1194, "OpenVPN"},    {1812, "RADIUS"},
    {1813, "RADIUS"}, {3478, "STUN"},   {4500, "IPsec"}, {4789, "VXLAN"},      {5353, "DNS"},
    {6081, "Geneve"}, {8125, "StatsD"}, {8472, "VXLAN"}, {51820, "WireGuard"},
};

}  // namespace

const KnownPort* find_known_port(kube::Port port) {
  const auto* it = std::ranges::lower_bound(kKnown, port.value(), {}, &KnownPort::port);
  return it != std::end(kKnown) && it->port == port.value() ? it : nullptr;
}

std::string_view udp_service(kube::Port port) {
  const auto* it = std::ranges::find(kUdp, port.value(), &UdpPort::port);
  return it == std::end(kUdp) ? std::string_view() : it->what;
}

const KnownPort* find_data_store(const kube::PodSpec& spec) {
  for (const kube::ContainerPort* port : ports_of(spec)) {
    const KnownPort* known = find_known_port(port->port);
    if (known && known->use == PortUse::data_store) return known;
  }
  return nullptr;
}

}  // namespace gantry::netpol::linting
