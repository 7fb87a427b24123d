//! The connections of a door, each at a place of its own. Who comes to a place later is not taken
//! for who was there before.

use crate::connection::Connection;
use crate::desk::Ticket;

pub struct Slots(Box<[Slot]>);

#[derive(Default)]
struct Slot {
    generation: u32,
    connection: Option<Connection>,
}

impl Slots {
    pub fn new(most: u16) -> Self {
        Self((0..most).map(|_| Slot::default()).collect())
    }

    /// `None`: all are taken.
    pub fn add(&mut self, connection: Connection) -> Option<u16> {
        let index = self.0.iter().position(|slot| slot.connection.is_none())?;
        let slot = self.0.get_mut(index)?;
        slot.generation = slot.generation.wrapping_add(1);
        slot.connection = Some(connection);
        u16::try_from(index).ok()
    }

    pub fn get(&mut self, slot: u16) -> Option<&mut Connection> {
        self.0.get_mut(usize::from(slot))?.connection.as_mut()
    }

    pub fn ticket(&self, slot: u16, number: u64) -> Ticket {
        let generation = self.0.get(usize::from(slot)).map_or(0, |slot| slot.generation);
        Ticket { slot, generation, number }
    }

    /// `None`: whoever has asked is gone.
    pub fn of(&mut self, ticket: Ticket) -> Option<&mut Connection> {
        let slot = self.0.get_mut(usize::from(ticket.slot))?;
        slot.connection.as_mut().filter(|_| slot.generation == ticket.generation)
    }

    pub fn remove(&mut self, slot: u16) {
        if let Some(slot) = self.0.get_mut(usize::from(slot)) {
            slot.connection = None;
        }
    }

    pub fn count(&self) -> u32 {
        u32::try_from(self.connections().count()).unwrap_or(u32::MAX)
    }

    /// Of all of them.
    pub fn under_way(&self) -> u32 {
        self.connections().map(|connection| connection.under_way).sum()
    }

    fn connections(&self) -> impl Iterator<Item = &Connection> {
        self.0.iter().filter_map(|slot| slot.connection.as_ref())
    }
}
