// A C++ program: headers without extern "C", addresses of functions as deleters, exceptions past a context.
#include "peer.h"

#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

struct Free {
    void operator()(eXosip_event_t *event) const { eXosip_event_free(event); }
};
using Event = std::unique_ptr<eXosip_event_t, Free>;
using ByAddress = std::unique_ptr<eXosip_event_t, decltype(&eXosip_event_free)>;

class Client {
public:
    Client() : context(eXosip_malloc())
    {
        if (context == nullptr || eXosip_init(context) != OSIP_SUCCESS ||
            eXosip_listen_addr(context, IPPROTO_UDP, "127.0.0.1", 0, AF_INET, 0) != OSIP_SUCCESS)
            throw std::runtime_error("no context");
        eXosip_set_user_agent(context, "cpp/1.0");
    }
    Client(const Client &) = delete;
    Client &operator=(const Client &) = delete;
    ~Client()
    {
        eXosip_quit(context);
        osip_free(context);
    }
    int begin(const std::string &from, const std::string &proxy)
    {
        osip_message_t *reg = nullptr;
        int rid = eXosip_register_build_initial_register(context, from.c_str(), proxy.c_str(), nullptr, 600, &reg);
        if (rid < 1)
            throw std::runtime_error("not built");
        osip_message_set_supported(reg, "path");
        if (eXosip_register_send_register(context, rid, reg) != OSIP_SUCCESS)
            throw std::runtime_error("not sent");
        return rid;
    }
    struct eXosip_t *const context;
};

// As g_clear_pointer(&event, eXosip_event_free) does.
void clear(eXosip_event_t *&event, void (*destroy)(eXosip_event_t *))
{
    eXosip_event_t *old = event;
    event = nullptr;
    if (old != nullptr)
        destroy(old);
}

} // namespace

int main()
{
    static peer peer;
    peer_open(&peer);
    try {
        Client client;
        const std::vector<std::function<int(struct eXosip_t *)>> calls = {eXosip_lock, eXosip_execute, eXosip_unlock};
        for (const auto &call : calls)
            CODE(0, call(client.context));
        for (int way = 0; way < 3; way++) {
            int rid = client.begin("sip:alice@127.0.0.1", peer.uri);
            receive_message(&peer, "REGISTER ");
            FIELD(&peer, "User-Agent", "cpp/1.0");
            FIELD(&peer, "Supported", "path");
            welcome(&peer);
            eXosip_event_t *event = expect(client.context, EXOSIP_REGISTRATION_SUCCESS, rid, 200);
            if (way == 0)
                Event owned(event);
            else if (way == 1)
                ByAddress owned(event, &eXosip_event_free);
            else
                clear(event, eXosip_event_free);
        }
        client.begin("no uri", peer.uri);
        CHECK(!"begun");
    } catch (const std::runtime_error &error) {
        CHECK(std::string(error.what()) == "not built");
    }
    peer_close(&peer);
    return 0;
}
