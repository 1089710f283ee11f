//! What one MQTT client may do: use the topics of its own name. `rumqttd` asks nobody about topics, but it reads and
//! writes packets through a type that it is given, one a connection, and that is the place to look at them.

use std::cell::Cell;
use std::sync::Arc;
use std::thread;

use bytes::BytesMut;
use rumqttd::protocol::v4::V4;
use rumqttd::protocol::{ConnectReturnCode, Error, Packet, Protocol};
use tokio::sync::{Notify, mpsc};

/// A charger came or went by MQTT.
pub(super) struct Attendance {
    pub(super) charger: String,
    pub(super) here: bool,
}

/// MQTT 3.1.1 for one client; the listener clones one that has not connected.
#[derive(Clone)]
pub(super) struct Confined {
    client: String,
    connected: Cell<bool>,
    /// Whether the packet before this one was read in the same go.
    in_batch: bool,
    ended: bool,
    come_and_go: mpsc::UnboundedSender<Attendance>,
    broken: Arc<Notify>,
}

impl Confined {
    /// `broken` is notified when a connection panics.
    pub(super) fn new(come_and_go: mpsc::UnboundedSender<Attendance>, broken: Arc<Notify>) -> Self {
        let (client, connected) = (String::new(), Cell::new(false));
        Self { client, connected, in_batch: false, ended: false, come_and_go, broken }
    }

    fn tell(&self, here: bool) {
        self.connected.set(here);
        // Where nobody listens, the gateway has stopped.
        let _ = self.come_and_go.send(Attendance { charger: self.client.clone(), here });
    }

    /// Notes who connects, and says what ends the connection: a refusal, or the client's own word.
    fn allows(&mut self, packet: &Packet) -> bool {
        if let Packet::Connect(connect, _, will, ..) = packet {
            self.client.clone_from(&connect.client_id);
            // It would come as a frame, and after each leave: presence is told without one.
            return will.is_none() || self.refuse("leave a will");
        }
        if let Packet::Publish(publish, _) = packet {
            return self.owns(&publish.topic) || self.refuse("publish outside of its topics");
        }
        if let Packet::Subscribe(subscribe, _) = packet {
            let own = subscribe.filters.iter().all(|filter| self.owns(filter.path.as_bytes()));
            return own || self.refuse("subscribe outside of its topics");
        }
        // The router panics when it lets go of a client that has a full queue. Its connection, ended here, lets go in
        // the right order.
        !matches!(packet, Packet::Disconnect(..))
    }

    /// Whether a topic or filter is `<client>/` and one level more, `+` included. `#` would be longer.
    fn owns(&self, topic: &[u8]) -> bool {
        let below = topic.strip_prefix(self.client.as_bytes()).and_then(|rest| rest.strip_prefix(b"/"));
        below.is_some_and(|level| !level.is_empty() && !level.contains(&b'/') && !level.contains(&b'#'))
    }

    fn refuse(&self, what: &str) -> bool {
        let charger = &self.client;
        tracing::warn!(charger, "an MQTT client may not {what}, {charger}/in and {charger}/out: it is disconnected");
        false
    }
}

impl Protocol for Confined {
    fn read_mut(&mut self, stream: &mut BytesMut, max_size: usize) -> Result<Packet, Error> {
        // `rumqttd` has no better error for the end that was decided.
        if self.ended {
            return Err(Error::IncorrectPacketFormat);
        }
        let packet = V4.read_mut(stream, max_size).inspect_err(|_| self.in_batch = false)?;
        let in_batch = std::mem::replace(&mut self.in_batch, !matches!(packet, Packet::Connect(..)));
        if self.allows(&packet) {
            return Ok(packet);
        }
        self.ended = true;
        // An error would take the batch with it that was read before this packet: that ends first.
        Err(if in_batch { Error::InsufficientBytes(1) } else { Error::IncorrectPacketFormat })
    }

    fn write(&self, packet: Packet, buffer: &mut BytesMut) -> Result<usize, Error> {
        if let Packet::ConnAck(answer, _) = &packet
            && answer.code == ConnectReturnCode::Success
        {
            self.tell(true);
        }
        // The mark of the gateway's own copies ends here: MQTT 3.1.1 has no properties, and `V4` panics on them.
        if let Packet::Publish(publish, _) = packet {
            return V4.write(Packet::Publish(publish, None), buffer);
        }
        V4.write(packet, buffer)
    }
}

impl Drop for Confined {
    fn drop(&mut self) {
        if self.connected.get() {
            self.tell(false);
        }
        if thread::panicking() {
            self.broken.notify_one();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_owns_one_level_below_its_name() {
        let mut client = Confined::new(mpsc::unbounded_channel().0, Arc::default());
        client.client = "CP1".into();
        for own in ["CP1/in", "CP1/out", "CP1/+"] {
            assert!(client.owns(own.as_bytes()), "{own}");
        }
        for other in ["CP1", "CP1/", "CP1/#", "CP1/in/x", "CP10/in", "+/in", "#", "$share/g/CP1/in", "é/in", ""] {
            assert!(!client.owns(other.as_bytes()), "{other}");
        }
    }
}
